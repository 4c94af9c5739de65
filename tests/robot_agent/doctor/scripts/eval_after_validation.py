# kind: eval-while-training
import torch
from torch import nn
torch.manual_seed(0)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.seq = nn.Sequential(nn.Linear(8, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Dropout(0.3), nn.Linear(32, 2))
    def forward(self, x): return self.seq(x)
X = torch.randn(400, 8) * 3 + 2; Y = (X.sum(1) > 16).long()
Xv, Yv = X[300:], Y[300:]
def validate(net):
    net.eval()  #+
    with torch.no_grad():
        return (net(Xv).argmax(1) == Yv).float().mean().item()
net = Net()
opt = torch.optim.Adam(net.parameters(), lr=0.01)
net.train()  #!-
for epoch in range(12):  #!+ net.train()
    for i in range(0, 300, 30):
        loss = nn.functional.cross_entropy(net(X[i:i+30]), Y[i:i+30])  #+
        opt.zero_grad(); loss.backward(); opt.step()
    print(epoch, validate(net))
