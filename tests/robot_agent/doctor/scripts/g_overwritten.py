# only the last loss of a list is learned; kind: loss-overwritten
import torch
from torch import nn
torch.manual_seed(0)
heads = nn.ModuleList([nn.Linear(16, 1) for _ in range(3)]); body = nn.Sequential(nn.Linear(5, 16), nn.ReLU())
opt = torch.optim.Adam([*heads.parameters(), *body.parameters()], lr=0.01)
x = torch.randn(300, 5); y = torch.stack([x[:, 0], x[:, 1] ** 2, x[:, 2].sin()], 1)
for i in range(200):
    h = body(x)
    for k, head in enumerate(heads):
        loss = (head(h)[:, 0] - y[:, k]).pow(2).mean()  #! loss = (head(h)[:, 0] - y[:, k]).pow(2).mean() + (loss if k else 0)
    opt.zero_grad(); loss.backward(); opt.step()
