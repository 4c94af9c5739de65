# kind: mse-on-classes
import torch
from torch import nn
torch.manual_seed(0)
Y = torch.randint(0, 6, (300,)); C = torch.randn(6, 8) * 2; X = C[Y] + torch.randn(300, 8)
net = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 1)); opt = torch.optim.Adam(net.parameters(), 0.005)
for e in range(15):
    for i in torch.randperm(300).split(30):
        out = net(X[i]).squeeze()
        loss = nn.functional.l1_loss(out, Y[i].float())  #+
        opt.zero_grad(); loss.backward(); opt.step()
