# kind: not-a-number
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(5)
X = torch.rand(512, 6)


class Embed(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(6, 48)
        self.outer = nn.Linear(48, 64)

    def forward(self, x):
        return self.outer(F.relu(self.inner(x)))


def separation(z):
    lengths = (z[:8, None] - z[None, :8]).norm(dim=-1)
    return F.relu(0.5 - lengths).mean()


def crowding(z):
    squares = (z[:, None] - z[None]).square().sum(-1)
    return torch.exp(-squares.sqrt()).mean()  #! return torch.exp(-(squares + 1e-6).sqrt()).mean()


net = Embed()
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
for epoch in range(20):
    for x in X.split(64):
        one, other = net(x + 0.02 * torch.randn_like(x)), net(x + 0.02 * torch.randn_like(x))
        loss = 25 * F.mse_loss(one, other) + crowding(one) + separation(other)
        opt.zero_grad()
        loss.backward()
        opt.step()
