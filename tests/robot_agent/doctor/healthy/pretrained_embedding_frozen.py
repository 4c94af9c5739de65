import torch
from torch import nn
torch.manual_seed(0)
vec = torch.randn(30, 12)
class C(nn.Module):
    def __init__(self): super().__init__(); self.e = nn.Embedding.from_pretrained(vec, freeze=True); self.g = nn.GRU(12, 16, batch_first=True); self.o = nn.Linear(16, 1)
    def forward(self, t): _, h = self.g(self.e(t)); return self.o(h[-1]).squeeze(-1)
T = torch.randint(0, 30, (400, 6)); Y = (vec[T].sum((1, 2)) > 0).float(); m = C(); opt = torch.optim.Adam((p for p in m.parameters() if p.requires_grad), 0.01)
for e in range(6):
    for i in torch.randperm(400).split(40): loss = nn.BCEWithLogitsLoss()(m(T[i]), Y[i]); opt.zero_grad(); loss.backward(); opt.step()
m.eval(); print(((m(T) > 0).float() == Y).float().mean())
