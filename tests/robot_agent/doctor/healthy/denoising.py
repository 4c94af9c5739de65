import torch
from torch import nn
torch.manual_seed(0)
data = torch.sigmoid(torch.randn(300, 3) @ torch.randn(3, 12) * 2)
net = nn.Sequential(nn.Linear(12, 4), nn.ReLU(), nn.Linear(4, 12), nn.Sigmoid()); opt = torch.optim.Adam(net.parameters(), lr=0.01)
for ep in range(20):
    for i in torch.randperm(300).split(60):
        x = data[i]; l = nn.functional.mse_loss(net(x + 0.1 * torch.randn_like(x)), x); opt.zero_grad(); l.backward(); opt.step()
print(l.item())
