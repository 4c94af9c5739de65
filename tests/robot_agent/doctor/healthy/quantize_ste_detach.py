import torch
from torch import nn
torch.manual_seed(0)
def q(x): return x + (torch.round(x * 8) / 8 - x).detach()
class N(nn.Module):
    def __init__(self): super().__init__(); self.a, self.b = nn.Linear(5, 32), nn.Linear(32, 1)
    def forward(self, x): return nn.functional.linear(torch.relu(nn.functional.linear(x, q(self.a.weight), self.a.bias)), q(self.b.weight), self.b.bias)
X = torch.randn(300, 5); Y = X[:, :1] + X[:, 1:2] ** 2; m = N(); opt = torch.optim.Adam(m.parameters(), 5e-3)
for e in range(12):
    for i in torch.randperm(300).split(30): loss = nn.functional.mse_loss(m(X[i]), Y[i]); opt.zero_grad(); loss.backward(); opt.step()
