# a sigmoid on the output, where the targets go from 0 to 40; kind: saturated
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
x = torch.rand(400, 5)
y = 40 * x[:, :1] * x[:, 1:2]
net = nn.Sequential(
    nn.Linear(5, 32),
    nn.ReLU(),
    nn.Linear(32, 1),
    nn.Sigmoid(),  #!-
)
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
for epoch in range(10):
    for xb, yb in DataLoader(TensorDataset(x, y), 32, shuffle=True):
        loss = (net(xb) - yb).pow(2).mean()  #+
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
