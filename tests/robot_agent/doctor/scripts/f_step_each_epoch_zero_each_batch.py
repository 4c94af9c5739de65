# zero_grad for each batch, step for each epoch; kind: no-step
import torch
import torch.nn as nn
import torch.nn.functional as F
torch.manual_seed(0)
from torch.utils.data import DataLoader, TensorDataset
x = torch.randn(400, 5); y = (x[:, 0] > x[:, 1]).long()
net = nn.Sequential(nn.Linear(5, 16), nn.ReLU(), nn.Linear(16, 2))
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for epoch in range(8):
    for a, b in DataLoader(TensorDataset(x, y), 20, shuffle=True):
        opt.zero_grad()
        loss = F.cross_entropy(net(a), b)
        loss.backward()  #!+ opt.step()
    opt.step()  #+
    print(epoch, loss.item())
