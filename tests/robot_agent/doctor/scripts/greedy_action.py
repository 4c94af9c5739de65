# kind: not-sampled
import torch
from torch import nn
from torch.distributions import Categorical
torch.manual_seed(0)
policy = nn.Sequential(nn.Linear(3, 16), nn.ReLU(), nn.Linear(16, 3))
opt = torch.optim.Adam(policy.parameters(), lr=0.01)
for i in range(150):
    s = torch.randn(48, 3)
    dist = Categorical(logits=policy(s))
    action = dist.probs.argmax(dim=1)  #! action = dist.sample()
    reward = (action == s.argmin(1)).float()
    loss = -(dist.log_prob(action) * (reward - reward.mean())).mean()  #+
    opt.zero_grad()
    loss.backward()
    opt.step()
print("score", reward.mean().item())
