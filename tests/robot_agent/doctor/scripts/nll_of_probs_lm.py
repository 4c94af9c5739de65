# kind: nll-without-log
import torch
import torch.nn as nn
import torch.nn.functional as F
torch.manual_seed(0)
text = "the quick brown fox jumps over the lazy dog " * 12
chars = sorted(set(text)); stoi = {c: i for i, c in enumerate(chars)}
ids = torch.tensor([stoi[c] for c in text])
class CharLM(nn.Module):
    def __init__(self, v, d=16, h=32):
        super().__init__()
        self.e = nn.Embedding(v, d); self.l = nn.LSTM(d, h, batch_first=True); self.o = nn.Linear(h, v)
    def forward(self, t):
        y, _ = self.l(self.e(t))
        return F.softmax(self.o(y), dim=-1)  #! return F.log_softmax(self.o(y), dim=-1)
lm = CharLM(len(chars))
opt = torch.optim.Adam(lm.parameters(), lr=1e-2)
for it in range(50):
    s = torch.randint(0, len(ids) - 17, (16,))
    xb = torch.stack([ids[i:i+16] for i in s]); yb = torch.stack([ids[i+1:i+17] for i in s])
    loss = F.nll_loss(lm(xb).view(-1, len(chars)), yb.view(-1))  #+
    opt.zero_grad(); loss.backward(); opt.step()
print(loss.item())
