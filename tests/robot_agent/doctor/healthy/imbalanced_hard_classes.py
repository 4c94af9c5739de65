import torch
from torch import nn
torch.manual_seed(0)
Y = (torch.rand(600) < 0.05).long(); X = torch.randn(600, 8) + 0.8 * Y[:, None]
net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 2)); opt = torch.optim.Adam(net.parameters(), 2e-3); ce = nn.CrossEntropyLoss(weight=torch.tensor([1.0, 15.0]))
for e in range(10):
    for i in torch.randperm(600).split(30): loss = ce(net(X[i]), Y[i]); opt.zero_grad(); loss.backward(); opt.step()
