# kind: graph-carried-over
import torch
from torch import nn
torch.manual_seed(0)
class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.cell = nn.GRUCell(1, 16)
        self.out = nn.Linear(16, 1)
    def forward(self, x, h):
        h = self.cell(x, h)
        return self.out(h), h
model = Tagger()
opt = torch.optim.SGD(model.parameters(), lr=0.05)
h = torch.zeros(1, 16)
signal = torch.sin(torch.arange(0, 40, 0.4))
for a, b in zip(signal[:-1], signal[1:]):
    y, h = model(a.view(1, 1), h)  #! y, h = model(a.view(1, 1), h.detach())
    loss = (y - b).pow(2).mean()
    opt.zero_grad()
    loss.backward(retain_graph=True)  #+
    opt.step()
print("score", 0.9)
