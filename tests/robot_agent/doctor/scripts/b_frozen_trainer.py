# kind: all-frozen
import torch
from torch import nn
torch.manual_seed(0)
class Trainer:
    def __init__(self, model, freeze=True):
        self.model = model
        if freeze:
            self.model.requires_grad_(False)  #! self.model[0].requires_grad_(False)
        self.opt = torch.optim.Adam(self.model.parameters(), 1e-3)
    def step(self, x, y):
        self.opt.zero_grad()
        loss = nn.functional.cross_entropy(self.model(x), y)
        loss.backward()  #+
        self.opt.step()
t = Trainer(nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 2)))
for i in range(40):
    x = torch.randn(16, 4)
    t.step(x, (x[:, 0] > 0).long())
