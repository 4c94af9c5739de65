import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(5, 32), nn.GELU(), nn.Linear(32, 1))
fast = torch.optim.Adam(net.parameters(), lr=5e-3)
slow = [p.detach().clone() for p in net.parameters()]
x = torch.randn(300, 5); y = x[:, :1].sin() + x[:, 1:2].abs()
for step in range(200):
    i = torch.randint(0, 300, (32,))
    loss = nn.functional.huber_loss(net(x[i]), y[i])
    fast.zero_grad(); loss.backward(); fast.step()
    if step % 5 == 4:
        with torch.no_grad():
            for s, p in zip(slow, net.parameters()):
                s.add_(p - s, alpha=0.5); p.copy_(s)
print(loss.item())
