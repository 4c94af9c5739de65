# kind: graph-carried-over
import torch
import torch.nn as nn
torch.manual_seed(0)
class Seq(nn.Module):
    def __init__(self):
        super().__init__()
        self.cell = nn.GRUCell(2, 12)
        self.out = nn.Linear(12, 1)
        self.h = torch.zeros(8, 12)
    def forward(self, x):
        self.h = self.cell(x, self.h)  #! self.h = self.cell(x, self.h.detach())
        return self.out(self.h)
m = Seq()
opt = torch.optim.Adam(m.parameters(), 0.01)
for t in range(40):
    x = torch.randn(8, 2)
    y = m(x)  #+
    loss = (y - x.sum(1, keepdim=True)).pow(2).mean()
    opt.zero_grad()
    loss.backward(retain_graph=True)
    opt.step()
