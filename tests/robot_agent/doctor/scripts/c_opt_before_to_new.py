# kind: not-in-optimizer
import torch
from torch import nn
torch.manual_seed(0)
class Learner:
    def __init__(self):
        self.build()
        self.opt = torch.optim.Adam(self.net.parameters(), lr=0.01)  #+
    def build(self): self.net = nn.Sequential(nn.Linear(3, 16), nn.ReLU(), nn.Linear(16, 1))
    def reset(self):
        self.build()  #+
        self.opt = self.opt  #! self.opt = torch.optim.Adam(self.net.parameters(), lr=0.01)
    def fit(self, n=40):
        for i in range(n):
            x = torch.randn(32, 3); loss = (self.net(x) - x.norm(dim=1, keepdim=True)).pow(2).mean()
            self.opt.zero_grad(); loss.backward(); self.opt.step()
l = Learner(); l.reset(); l.fit()
