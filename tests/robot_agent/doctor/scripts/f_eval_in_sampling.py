# a sampling function switches to eval() and stays there; kind: eval-while-training
import torch
import torch.nn as nn
import torch.nn.functional as F
torch.manual_seed(0)
class LM(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Embedding(20, 24); self.g = nn.GRU(24, 32, batch_first=True); self.d = nn.Dropout(0.3); self.o = nn.Linear(32, 20)
    def forward(self, x):
        return self.o(self.d(self.g(self.e(x))[0]))
def sample(model, n):
    model.eval()  #!-
    out = [0]
    with torch.no_grad():
        for _ in range(n):
            out.append(int(model(torch.tensor([out]))[0, -1].argmax()))
    return out
m = LM(); opt = torch.optim.Adam(m.parameters(), 5e-3)
print(sample(m, 4))
for s in range(60):
    x = (torch.randint(0, 20, (16, 1)) + torch.arange(9)) % 20
    loss = F.cross_entropy(m(x[:, :-1]).reshape(-1, 20), x[:, 1:].reshape(-1))  #+
    opt.zero_grad(); loss.backward(); opt.step()
    if s % 20 == 0: print(sample(m, 5))
