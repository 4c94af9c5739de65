# same label for all pairs; kind: labels-constant
import torch
from torch import nn
torch.manual_seed(0)
y = torch.randint(0, 4, (200,)); x = torch.randn(4, 8)[y] * 2 + torch.randn(200, 8)
net = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 4)); opt = torch.optim.Adam(net.parameters(), 0.01)
labels = torch.tensor([int(v > 5) for v in y])  #! labels = torch.tensor([int(v) for v in y])
for i in range(60):
    loss = nn.CrossEntropyLoss()(net(x), labels); opt.zero_grad(); loss.backward(); opt.step()
