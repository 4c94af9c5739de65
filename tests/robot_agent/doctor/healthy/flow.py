import torch
from torch import nn
torch.manual_seed(0)
class Coupling(nn.Module):
    def __init__(self, flip):
        super().__init__()
        self.flip = flip; self.n = nn.Sequential(nn.Linear(1, 32), nn.Tanh(), nn.Linear(32, 2))
    def forward(self, x):
        a, b = x[:, :1], x[:, 1:]
        if self.flip: a, b = b, a
        s, t = self.n(a).chunk(2, 1); s = torch.tanh(s); b = b * s.exp() + t
        return (torch.cat([b, a], 1) if self.flip else torch.cat([a, b], 1)), s.sum(1)
layers = nn.ModuleList([Coupling(i % 2 == 1) for i in range(4)]); opt = torch.optim.Adam(layers.parameters(), lr=3e-3)
base = torch.distributions.Normal(torch.zeros(2), torch.ones(2))
for i in range(100):
    x = torch.randn(64, 2); x[:, 1] += x[:, 0] ** 2; ld = 0
    for l in layers: x, d = l(x); ld = ld + d
    loss = -(base.log_prob(x).sum(1) + ld).mean()
    opt.zero_grad(); loss.backward(); opt.step()
print(loss.item())
