# kind: nll-without-log
import torch
from torch import nn
torch.manual_seed(0)
class Net(nn.Module):
    def __init__(self): super().__init__(); self.a, self.b, self.sm = nn.Linear(6, 16), nn.Linear(16, 3), nn.Softmax(dim=1)  #! def __init__(self): super().__init__(); self.a, self.b, self.sm = nn.Linear(6, 16), nn.Linear(16, 3), nn.LogSoftmax(dim=1)
    def forward(self, x): return self.sm(self.b(self.a(x).relu()))  #+
n = Net(); opt = torch.optim.Adam(n.parameters(), 0.01); crit = nn.NLLLoss()  #+
X = torch.randn(150, 6); Y = X[:, :3].argmax(1)
for e in range(30):
    loss = crit(n(X), Y)  #+
    opt.zero_grad(); loss.backward(); opt.step()
