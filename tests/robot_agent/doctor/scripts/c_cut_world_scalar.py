# kind: graph-cut
import math, torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(1, 16), nn.Tanh(), nn.Linear(16, 1)); opt = torch.optim.SGD(net.parameters(), lr=0.05)
def throw(angle): return math.sin(2 * angle) * 10
for shot in range(40):
    distance = 3 + 6 * torch.rand(1)
    angle = net(distance / 10)
    landed = throw(angle.item())  #+
    miss = torch.tensor([landed - distance.item()], requires_grad=True)  #+
    loss = miss.pow(2).sum()
    opt.zero_grad(); loss.backward(); opt.step()  #+
