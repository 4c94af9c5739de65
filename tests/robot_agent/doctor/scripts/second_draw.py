# kind: another-action
import torch
from torch import nn
from torch.distributions import Categorical
torch.manual_seed(0)
pi = nn.Sequential(nn.Linear(3, 24), nn.Tanh(), nn.Linear(24, 3))
opt = torch.optim.Adam(pi.parameters(), lr=0.01)
for it in range(80):
    s = torch.randn(32, 3)
    dist = Categorical(logits=pi(s))
    action = dist.sample()
    reward = (action == s.argmax(1)).float()
    loss = -(dist.log_prob(dist.sample()) * (reward - reward.mean())).mean()  #! loss = -(dist.log_prob(action) * (reward - reward.mean())).mean()
    opt.zero_grad(); loss.backward(); opt.step()
