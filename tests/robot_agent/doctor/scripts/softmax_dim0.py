# kind: softmax-dim
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 4), nn.LogSoftmax(dim=0))  #! net = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 4), nn.LogSoftmax(dim=1))
loss_fn = nn.NLLLoss()
t = torch.randint(0, 4, (800,))
x = torch.randn(4, 10)[t] * 0.8 + torch.randn(800, 10)
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for epoch in range(5):
    for idx in torch.randperm(800).split(64):
        opt.zero_grad()
        loss = loss_fn(net(x[idx]), t[idx])
        loss.backward()
        opt.step()
print("score", (net(x).argmax(1) == t).float().mean().item())
