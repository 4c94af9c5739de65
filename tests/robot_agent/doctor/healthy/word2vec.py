import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
inp, out = nn.Embedding(30, 8, sparse=True), nn.Embedding(30, 8, sparse=True)
opt = torch.optim.SparseAdam([*inp.parameters(), *out.parameters()], lr=0.02)
for i in range(100):
    c = torch.randint(0, 30, (32,)); p = (c + 1) % 30; n = torch.randint(0, 30, (32, 4))
    pos = (inp(c) * out(p)).sum(1); neg = torch.bmm(out(n), inp(c).unsqueeze(2)).squeeze(2)
    loss = -(F.logsigmoid(pos) + F.logsigmoid(-neg).sum(1)).mean()
    opt.zero_grad(); loss.backward(); opt.step()
print(loss.item())
