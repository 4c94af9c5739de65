import torch
from torch import nn
torch.manual_seed(0)
text = "hello world, hello torch. " * 20; chars = sorted(set(text)); ids = torch.tensor([chars.index(c) for c in text]); V = len(chars)
class RNN(nn.Module):
    def __init__(self): super().__init__(); self.i2h = nn.Linear(V + 32, 32); self.h2o = nn.Linear(32, V)
    def forward(self, x, h): h = torch.tanh(self.i2h(torch.cat([x, h], 1))); return self.h2o(h), h
r = RNN(); opt = torch.optim.Adam(r.parameters(), 0.01); crit = nn.CrossEntropyLoss()
for it in range(40):
    s = int(torch.randint(0, len(ids) - 21, ())); h = torch.zeros(1, 32); loss = 0
    for t in range(20):
        o, h = r(nn.functional.one_hot(ids[s + t], V).float()[None], h); loss = loss + crit(o, ids[s + t + 1][None])
    opt.zero_grad(); (loss / 20).backward(); opt.step()
with torch.no_grad():
    h, c, out = torch.zeros(1, 32), ids[0], ""
    for t in range(20): o, h = r(nn.functional.one_hot(c, V).float()[None], h); c = torch.multinomial(o.softmax(1), 1)[0, 0]; out += chars[c]
print(out)
