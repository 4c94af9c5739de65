# kind: softmax-dim
import torch, torch.nn.functional as F
from torch import nn
torch.manual_seed(0)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(5, 32), nn.Linear(32, 4)
    def forward(self, x): return F.log_softmax(self.b(F.relu(self.a(x))), 0)  #! def forward(self, x): return F.log_softmax(self.b(F.relu(self.a(x))), 1)
net, X = Net(), torch.randn(200, 5); Y = X[:, :4].argmax(1); opt = torch.optim.Adam(net.parameters(), 0.01)
for e in range(10):
    for i in torch.randperm(200).split(25):
        opt.zero_grad(); F.nll_loss(net(X[i]), Y[i]).backward(); opt.step()
