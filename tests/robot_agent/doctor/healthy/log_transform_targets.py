import torch
from torch import nn
torch.manual_seed(0)
X = torch.rand(400, 3); price = torch.exp(10 + X @ torch.tensor([1.0, 0.5, -0.7])); Y = torch.log(price) - 10
net = nn.Sequential(nn.Linear(3, 32), nn.ReLU(), nn.Linear(32, 1)); opt = torch.optim.Adam(net.parameters(), 0.01)
for e in range(12):
    for i in torch.randperm(400).split(40): loss = nn.functional.mse_loss(net(X[i]).squeeze(-1), Y[i]); opt.zero_grad(); loss.backward(); opt.step()
