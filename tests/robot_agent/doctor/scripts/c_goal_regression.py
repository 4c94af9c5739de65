# kind: constant-target
import torch
from torch import nn
torch.manual_seed(0)
class Policy(nn.Module):
    def __init__(self): super().__init__(); self.f = nn.Sequential(nn.Linear(4, 24), nn.ReLU(), nn.Linear(24, 2))
    def forward(self, o): return self.f(o)
policy, goal = Policy(), torch.full((2,), 0.7)
opt = torch.optim.RMSprop(policy.parameters(), 1e-3); mse = nn.MSELoss()
pos = torch.rand(32, 2)
for t in range(120):
    action = policy(torch.cat([pos, goal.expand(32, 2)], 1))
    pos = (pos + 0.1 * action.detach().clamp(-1, 1)).clamp(0, 1)
    loss = mse(action, goal.expand_as(action))  #+
    opt.zero_grad(); loss.backward(); opt.step()
    if t % 20 == 19: pos = torch.rand(32, 2)
