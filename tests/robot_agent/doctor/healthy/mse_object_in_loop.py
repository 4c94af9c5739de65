import torch, torch.nn as nn
torch.manual_seed(0)
class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.fc1 = nn.Linear(3, 16); self.fc2 = nn.Linear(16, 1)
    def forward(self, x): return self.fc2(nn.ReLU()(self.fc1(x)))
net = Net()
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
x = torch.randn(200, 3); y = x.sum(1, keepdim=True)
for epoch in range(60):
    y_pred = net(x)
    loss = nn.MSELoss()(y_pred, y)
    optimizer.zero_grad(); loss.backward(); optimizer.step()
