# kind: saturated
import torch
from torch import nn
torch.manual_seed(0)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(10, 40); self.b = nn.Linear(40, 2)
        with torch.no_grad():
            self.a.weight.copy_(torch.randn(40, 10) * 30)  #! self.a.weight.copy_(torch.randn(40, 10) * 0.3)
    def forward(self, x): return self.b(torch.sigmoid(self.a(x)))  #+
net = Net(); opt = torch.optim.SGD(net.parameters(), lr=0.3)
X = torch.randn(300, 10); Y = (X[:, 0] * X[:, 1] > 0).long()
for e in range(40):
    for i in range(0, 300, 30):
        loss = nn.functional.cross_entropy(net(X[i:i+30]), Y[i:i+30]); opt.zero_grad(); loss.backward(); opt.step()
