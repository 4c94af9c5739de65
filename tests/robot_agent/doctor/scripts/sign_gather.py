# kind: reinforce-sign
import torch
import torch.nn.functional as F
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(3, 24), nn.Tanh(), nn.Linear(24, 3))
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for it in range(150):
    s = torch.randn(64, 3)
    logp = F.log_softmax(net(s), dim=1)
    a = torch.multinomial(logp.exp(), 1)
    reward = (s.argmax(1, keepdim=True) == a).float()
    chosen = logp.gather(1, a)
    baseline = reward.mean()
    objective = (chosen * (reward - baseline)).mean()  #+
    opt.zero_grad()
    objective.backward()  #! (-objective).backward()
    opt.step()
print("score", reward.mean().item())
