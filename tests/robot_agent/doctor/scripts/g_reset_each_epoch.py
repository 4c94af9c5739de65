# weights are reset in each epoch; kind: made-anew
import torch
from torch import nn
torch.manual_seed(0)
y = torch.randint(0, 4, (400,)); x = torch.randn(4, 12)[y] * 2 + torch.randn(400, 12)
net = nn.Sequential(nn.Linear(12, 32), nn.Tanh(), nn.Linear(32, 4)); opt = torch.optim.Adam(net.parameters(), lr=0.001)
def init(m):
    if isinstance(m, nn.Linear): m.reset_parameters()
for epoch in range(20):
    net.apply(init)  #!-
    for k in range(0, 400, 100):
        loss = nn.functional.cross_entropy(net(x[k:k+100]), y[k:k+100])
        opt.zero_grad(); loss.backward(); opt.step()
