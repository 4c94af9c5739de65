import torch
from torch import nn
torch.manual_seed(0)
Y = torch.randint(0, 2, (400,)); X = torch.randn(400, 20)
net = nn.Sequential(nn.Linear(20, 16), nn.ReLU(), nn.Linear(16, 2)); opt = torch.optim.AdamW(net.parameters(), 1e-3, weight_decay=0.5)
for e in range(6):
    for i in torch.randperm(400).split(40): loss = nn.functional.cross_entropy(net(X[i]), Y[i]); opt.zero_grad(); loss.backward(); opt.step()
