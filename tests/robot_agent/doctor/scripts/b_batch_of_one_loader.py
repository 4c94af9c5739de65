# kind: batch-of-one
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
torch.manual_seed(0)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 16); self.bn = nn.BatchNorm1d(16); self.o = nn.Linear(16, 1)
    def forward(self, x): return self.o(torch.relu(self.bn(self.fc(x))))  #+
net = Net(); opt = torch.optim.Adam(net.parameters(), 0.01)
X = torch.randn(60, 4); Y = X[:, :1]
loader = DataLoader(TensorDataset(X, Y), batch_size=1, shuffle=True)  #! loader = DataLoader(TensorDataset(X, Y), batch_size=12, shuffle=True)
for e in range(8):
    for x, y in loader:
        loss = nn.functional.mse_loss(net(x), y)  #+
        opt.zero_grad(); loss.backward(); opt.step()
