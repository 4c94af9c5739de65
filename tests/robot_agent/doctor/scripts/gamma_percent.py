# kind: wrong-discount
import torch
from torch import nn
torch.manual_seed(0)
class Reinforce:
    def __init__(self):
        self.gamma = 1.99  #! self.gamma = 0.99
        self.net = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 2)); self.opt = torch.optim.Adam(self.net.parameters(), 5e-3)
    def episode(self):
        lp, rw, s = [], [], torch.randn(2)
        for t in range(15):
            d = torch.distributions.Categorical(logits=self.net(s)); a = d.sample(); lp.append(d.log_prob(a)); rw.append(float(a == int(s[0] > 0))); s = torch.randn(2)
        return lp, rw
    def update(self, lp, rw):
        G, out = 0.0, []
        for r in reversed(rw): G = r + self.gamma * G; out.insert(0, G)
        out = torch.tensor(out); out = out - out.mean()
        loss = -(torch.stack(lp) * out).mean(); self.opt.zero_grad(); loss.backward(); self.opt.step()
a = Reinforce()
for i in range(60): a.update(*a.episode())
