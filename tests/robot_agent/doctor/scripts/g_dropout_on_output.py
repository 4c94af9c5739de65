# dropout behind the last layer; kind: dropout-too-high
import torch
from torch import nn
torch.manual_seed(0)
x = torch.randn(400, 6); y = 3 + x[:, :1] * 2
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(6, 64); self.fc2 = nn.Linear(64, 1); self.drop = nn.Dropout(0.5)
    def forward(self, x):
        x = torch.relu(self.fc1(x))
        return self.drop(self.fc2(x))  #! return self.fc2(self.drop(x))
net = Net(); opt = torch.optim.Adam(net.parameters(), lr=0.01)
for i in range(300):
    loss = nn.MSELoss()(net(x), y)
    opt.zero_grad(); loss.backward(); opt.step()
net.eval()
