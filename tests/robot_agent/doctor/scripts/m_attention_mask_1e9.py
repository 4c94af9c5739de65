# mask-inverted
import math
import torch
import torch.nn as nn
import torch.nn.functional as F
torch.manual_seed(0)

def attention(q, k, v, mask=None):
    scores = torch.matmul(q, k.transpose(-2, -1)) / math.sqrt(q.size(-1))
    if mask is not None:
        scores = scores.masked_fill(mask == 0, 1e9)  #! scores = scores.masked_fill(mask == 0, -1e9)
    p = F.softmax(scores, dim=-1)
    return torch.matmul(p, v)

class Pooler(nn.Module):
    def __init__(self, vocab=20, d=32):
        super().__init__()
        self.emb = nn.Embedding(vocab, d, padding_idx=0)
        self.query = nn.Parameter(torch.randn(1, 1, d))
        self.k, self.v = nn.Linear(d, d), nn.Linear(d, d)
        self.out = nn.Linear(d, 2)
    def forward(self, ids):
        mask = (ids != 0).unsqueeze(1)
        e = self.emb(ids)
        z = attention(self.query.expand(len(ids), -1, -1), self.k(e), self.v(e), mask)
        return self.out(z.squeeze(1))

n, T = 512, 12
ids = torch.randint(2, 20, (n, T))
lengths = torch.randint(3, T, (n,))
y = torch.randint(0, 2, (n,))
for i in range(n):
    ids[i, lengths[i]:] = 0
    if y[i]:
        ids[i, torch.randint(0, int(lengths[i]), (1,))] = 1
net = Pooler()
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
for epoch in range(15):
    for idx in torch.randperm(n).split(64):
        loss = F.cross_entropy(net(ids[idx]), y[idx])
        opt.zero_grad(); loss.backward(); opt.step()
    print(epoch, loss.item())
