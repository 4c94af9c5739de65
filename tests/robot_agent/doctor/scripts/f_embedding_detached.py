# the embedding is detached in forward; kind: graph-cut
import torch
import torch.nn as nn
import torch.nn.functional as F
torch.manual_seed(0)
class Clf(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(50, 16); self.fc = nn.Linear(16, 2)
    def forward(self, ids):
        e = self.emb(ids).detach()  #! e = self.emb(ids)
        return self.fc(e.mean(1))
m = Clf(); opt = torch.optim.Adam(m.parameters(), lr=1e-2)
for s in range(80):
    ids = torch.randint(0, 50, (64, 3)); y = (ids[:, 0] % 2)
    loss = F.cross_entropy(m(ids), y)
    opt.zero_grad(); loss.backward(); opt.step()
