# kind: not-in-optimizer
import torch
from torch import nn
torch.manual_seed(0)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(6, 32), nn.ReLU())
        self.head = nn.Linear(32, 5)
    def forward(self, x): return self.head(self.body(x))
def make(): return Net()
def configure(m): return torch.optim.AdamW(m.parameters(), lr=5e-3)  #+
m = make()
opt = configure(m)  #+
m.head = nn.Linear(32, 2)  #!+ opt = configure(m)
X = torch.randn(256, 6); Y = (X[:, 0] * X[:, 1] > 0).long()
for e in range(12):
    for i in range(0, 256, 32):
        opt.zero_grad(); loss = nn.functional.cross_entropy(m(X[i:i+32]), Y[i:i+32]); loss.backward(); opt.step()
