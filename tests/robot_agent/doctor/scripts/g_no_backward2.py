# the call is missing; kind: no-backward
import torch
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset
torch.manual_seed(1)
class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.a = torch.nn.Linear(4, 16); self.b = torch.nn.Linear(16, 1)
    def forward(self, x): return self.b(torch.tanh(self.a(x)))
x = torch.randn(200, 4); y = (x[:, :1] * 2).sin()
net = Net(); opt = torch.optim.SGD(net.parameters(), 0.1)
for epoch in range(20):
    for a, b in DataLoader(TensorDataset(x, y), 20, shuffle=True):
        opt.zero_grad()
        loss = F.mse_loss(net(a), b)  #!+ loss.backward()
        opt.step()  #+
