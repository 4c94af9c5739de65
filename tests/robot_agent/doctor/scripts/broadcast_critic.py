# kind: broadcast
import torch
from torch import nn
torch.manual_seed(0)
critic = nn.Sequential(nn.Linear(4, 32), nn.Tanh(), nn.Linear(32, 1))
opt = torch.optim.Adam(critic.parameters(), lr=0.01)
for update in range(150):
    states = torch.randn(64, 4)
    returns = states[:, 0] * 2 + states[:, 1]
    values = critic(states)  #! values = critic(states).squeeze(-1)
    advantage = returns - values  #+
    loss = advantage.pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
s = torch.randn(500, 4)
r = s[:, 0] * 2 + s[:, 1]
print("score", 1 - (critic(s)[:, 0] - r).pow(2).mean().item() / r.var().item())
