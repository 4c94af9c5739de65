# kind: constant-target
import torch
from torch import nn
torch.manual_seed(0)
GOAL = torch.tensor([10.0, 31.0])
class World:
    def __init__(self): self.x = torch.rand(8) * 30 + 5
    def look(self): return torch.stack([self.x - 4, self.x + 4], 1)
    def drive(self, a): self.x = (self.x + a[:, 0].clamp(-1, 1) * 3).clamp(4, 38)
net = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 2))
opt = torch.optim.Adam(net.parameters(), lr=0.01)
world = World()
for step in range(120):
    seen = world.look() / 42
    out = net(seen)
    world.drive(out.detach())
    error = out * 42 - GOAL  #+
    loss = (error ** 2).mean()
    opt.zero_grad(); loss.backward(); opt.step()
    if step % 20 == 0: world = World()
