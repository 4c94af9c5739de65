# weight of a class is zero; kind: labels-constant
import torch
from torch import nn
torch.manual_seed(0)
y = torch.randint(0, 2, (400,)); x = torch.randn(2, 8)[y] * 2 + torch.randn(400, 8)
net = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 2)); opt = torch.optim.Adam(net.parameters(), 0.01)
crit = nn.CrossEntropyLoss(weight=torch.tensor([0.0, 1.0]))  #! crit = nn.CrossEntropyLoss(weight=torch.tensor([1.0, 1.0]))
for i in range(60):
    loss = crit(net(x), y); opt.zero_grad(); loss.backward(); opt.step()
