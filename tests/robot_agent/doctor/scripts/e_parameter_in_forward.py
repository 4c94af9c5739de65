# a learned query that is made anew in each forward pass; kind: made-anew
import torch
from torch import nn


class Pool(nn.Module):
    def __init__(self, d=8):
        super().__init__()
        self.d = d
        self.proj = nn.Linear(d, d)
        self.query = nn.Parameter(torch.randn(8))
        self.out = nn.Linear(d, 1)

    def forward(self, x):
        query = nn.Parameter(torch.randn(self.d))  #! query = self.query
        w = torch.softmax(self.proj(x) @ query, dim=1)
        return self.out((w.unsqueeze(-1) * x).sum(1))


torch.manual_seed(0)
net = Pool()
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
for step in range(150):
    x = torch.randn(32, 5, 8)
    best = x[:, :, 0].argmax(1)
    y = x[torch.arange(32), best, 1:2]
    loss = nn.functional.mse_loss(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
print(loss.item())
