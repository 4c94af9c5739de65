# kind: graph-cut
import torch
from torch import nn
torch.manual_seed(0)
class Attention(nn.Module):
    def __init__(self, d=16):
        super().__init__()
        self.q, self.k, self.v = (nn.Linear(d, d) for _ in range(3))
    def forward(self, x):
        w = (self.q(x) @ self.k(x).transpose(1, 2) / 4).softmax(-1)
        return w.data @ self.v(x)  #! return w @ self.v(x)
class M(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Linear(3, 16); self.a = Attention(); self.o = nn.Linear(16, 1)
    def forward(self, x):
        return self.o(self.a(self.e(x)).mean(1))
m = M()
opt = torch.optim.Adam(m.parameters(), lr=1e-2)
X = torch.randn(128, 5, 3); Y = X[:, :, 0].amax(1, keepdim=True)
for i in range(80):
    loss = nn.functional.mse_loss(m(X), Y)
    opt.zero_grad(); loss.backward(); opt.step()
