# a recurrent policy keeps its hidden state from episode to episode; kind: graph-carried-over
import torch
import torch.nn as nn
import torch.nn.functional as F
torch.manual_seed(0)
class RPolicy(nn.Module):
    def __init__(self):
        super().__init__()
        self.cell = nn.GRUCell(2, 16); self.out = nn.Linear(16, 2); self.h = torch.zeros(1, 16)
    def forward(self, s):
        self.h = self.cell(s, self.h)  #+
        return torch.distributions.Categorical(logits=self.out(self.h))
p = RPolicy(); opt = torch.optim.Adam(p.parameters(), 1e-2)
for ep in range(30):  #!+ p.h = torch.zeros(1, 16)
    lp, rw = [], []
    for t in range(6):
        s = torch.randn(1, 2); d = p(s); a = d.sample()  #+
        lp.append(d.log_prob(a)); rw.append(float(a.item() == int(s[0, 0] > 0)))
    loss = -(torch.cat(lp) * (torch.tensor(rw) - 0.5)).sum()
    opt.zero_grad(); loss.backward(); opt.step()  #+
