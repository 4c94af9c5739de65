# probabilities are normalised in place, which exp() needs for its derivative; kind: in-place
import torch
from torch import nn


class MixtureHead(nn.Module):
    def __init__(self, d, k):
        super().__init__()
        self.lin = nn.Linear(d, k)

    def forward(self, h):
        w = torch.exp(self.lin(h))
        w /= w.sum(dim=1, keepdim=True)  #! w = w / w.sum(dim=1, keepdim=True)
        return w


torch.manual_seed(0)
body, head = nn.Sequential(nn.Linear(5, 20), nn.Tanh()), MixtureHead(20, 3)
opt = torch.optim.RMSprop([*body.parameters(), *head.parameters()], lr=1e-3)
for i in range(50):
    x = torch.randn(32, 5)
    t = x[:, :3].argmax(1)
    p = head(body(x))
    loss = -torch.log(p[torch.arange(32), t]).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
