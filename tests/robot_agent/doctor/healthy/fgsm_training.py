import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(5, 32), nn.ReLU(), nn.Linear(32, 2)); opt = torch.optim.Adam(net.parameters(), lr=0.005)
x = torch.randn(300, 5); t = (x[:, 0] + x[:, 1] > 0).long()
for ep in range(6):
    for i in torch.randperm(300).split(50):
        xb = x[i].clone().requires_grad_(True)
        l = nn.functional.cross_entropy(net(xb), t[i])
        g, = torch.autograd.grad(l, xb)
        adv = (xb + 0.1 * g.sign()).detach()
        loss = nn.functional.cross_entropy(net(adv), t[i])
        opt.zero_grad(); loss.backward(); opt.step()
print(loss.item())
