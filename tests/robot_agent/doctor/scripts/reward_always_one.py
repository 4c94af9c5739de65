# kind: reward-constant
import torch
from torch import nn
from torch.distributions import Categorical
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 2))
opt = torch.optim.Adam(net.parameters(), lr=0.01)
def play(state, action):
    hit = (state[:, 0] > 0).long() == action
    return torch.where(hit | ~hit, 1.0, 0.0)  #! return torch.where(hit, 1.0, 0.0)
for i in range(150):
    state = torch.randn(32, 4)
    dist = Categorical(logits=net(state))
    action = dist.sample()
    reward = play(state, action)  #+
    loss = -(dist.log_prob(action) * reward).mean()  #+
    opt.zero_grad()
    loss.backward()
    opt.step()
s = torch.randn(200, 4)
print("score", (net(s).argmax(1) == (s[:, 0] > 0).long()).float().mean().item())
