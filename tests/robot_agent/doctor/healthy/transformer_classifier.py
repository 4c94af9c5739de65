import math, torch
from torch import nn
torch.manual_seed(0)
class PE(nn.Module):
    def __init__(self, d, n=50):
        super().__init__()
        pe = torch.zeros(n, d); pos = torch.arange(n).unsqueeze(1); div = torch.exp(torch.arange(0, d, 2) * -math.log(1e4) / d)
        pe[:, 0::2] = torch.sin(pos * div); pe[:, 1::2] = torch.cos(pos * div); self.register_buffer("pe", pe)
    def forward(self, x): return x + self.pe[:x.size(1)]
class T(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Embedding(12, 16); self.p = PE(16); self.cls = nn.Parameter(torch.zeros(1, 1, 16))
        self.t = nn.TransformerEncoder(nn.TransformerEncoderLayer(16, 2, 32, dropout=0.0, batch_first=True), 1); self.o = nn.Linear(16, 2)
    def forward(self, x):
        h = torch.cat([self.cls.expand(len(x), -1, -1), self.p(self.e(x))], 1)
        return self.o(self.t(h)[:, 0])
X = torch.randint(0, 12, (400, 8)); Y = (X == 3).any(1).long()
m = T(); opt = torch.optim.Adam(m.parameters(), 3e-3)
for e in range(6):
    for i in torch.randperm(400).split(40):
        loss = nn.functional.cross_entropy(m(X[i]), Y[i]); opt.zero_grad(); loss.backward(); opt.step()
m.eval()
with torch.no_grad(): print((m(X).argmax(1) == Y).float().mean())
