# kind: softmax-dim
import torch
from torch import nn
torch.manual_seed(0)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(6, 24), nn.Linear(24, 3)
        self.out = nn.Softmax(dim=0)  #! self.out = nn.Softmax(dim=1)
    def forward(self, x): return self.out(self.b(torch.tanh(self.a(x))))  #+
n = Net(); opt = torch.optim.Adam(n.parameters(), 0.01); X = torch.randn(240, 6); Y = X[:, :3].argmax(1)
for e in range(12):
    for i in torch.randperm(240).split(24):
        loss = -torch.log(n(X[i])[torch.arange(len(i)), Y[i]] + 1e-9).mean(); opt.zero_grad(); loss.backward(); opt.step()
