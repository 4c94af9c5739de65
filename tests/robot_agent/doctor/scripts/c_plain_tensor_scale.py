# kind: not-registered
import torch
from torch import nn
torch.manual_seed(0)
class Head(nn.Module):
    def __init__(self):
        super().__init__()
        self.f = nn.Linear(6, 8)
        self.w = torch.randn(8, 2, requires_grad=True)  #! self.w = nn.Parameter(torch.randn(8, 2))
    def forward(self, x): return torch.relu(self.f(x)) @ self.w
h = Head(); opt = torch.optim.SGD(h.parameters(), lr=0.1); X = torch.randn(200, 6); Y = (X[:, 0] > 0).long()
for e in range(40):
    loss = nn.functional.cross_entropy(h(X), Y); opt.zero_grad(); loss.backward(); opt.step()
