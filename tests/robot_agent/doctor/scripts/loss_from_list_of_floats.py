# kind: graph-cut
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 1))
opt = torch.optim.Adam(net.parameters(), lr=0.01)
x = torch.randn(50, 2); y = x[:, 0] * x[:, 1]
def compute_loss():
    preds = []
    for xi in x:
        preds.append(net(xi).item())  #! preds.append(net(xi).squeeze())
    return ((torch.FloatTensor(preds) - y) ** 2).mean()  #! return ((torch.stack(preds) - y) ** 2).mean()
for epoch in range(15):
    loss = compute_loss()
    opt.zero_grad()
    loss.backward()
    opt.step()
