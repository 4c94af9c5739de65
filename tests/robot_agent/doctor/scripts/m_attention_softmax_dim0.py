# softmax-dim
import torch
import torch.nn as nn
import torch.nn.functional as F
torch.manual_seed(0)
class SelfAttention(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.q, self.k, self.v = nn.Linear(d, d), nn.Linear(d, d), nn.Linear(d, d)
    def forward(self, x):
        s = torch.bmm(self.q(x), self.k(x).transpose(1, 2)) / x.size(-1) ** 0.5
        a = F.softmax(s, dim=0)  #! a = F.softmax(s, dim=-1)
        return torch.bmm(a, self.v(x))
class Net(nn.Module):
    def __init__(self, V=10, d=32, T=6):
        super().__init__()
        self.e = nn.Embedding(V, d); self.p = nn.Parameter(torch.randn(T, d) * 0.1)
        self.att = SelfAttention(d); self.o = nn.Linear(d, V)
    def forward(self, x):
        h = self.e(x) + self.p
        return self.o(h + self.att(h))
net = Net(); opt = torch.optim.Adam(net.parameters(), 3e-3)
for it in range(60):
    x = torch.randint(0, 10, (64, 6)); y = x.flip(1)
    loss = F.cross_entropy(net(x).reshape(-1, 10), y.reshape(-1))
    opt.zero_grad(); loss.backward(); opt.step()
    if it % 100 == 0: print(it, loss.item())
