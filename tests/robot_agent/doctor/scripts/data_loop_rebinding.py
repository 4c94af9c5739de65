# kind: weights-rebound
import torch
torch.manual_seed(0)
# logistic regression from scratch
X = torch.randn(200, 3)
true_w = torch.tensor([1.5, -2.0, 0.5])
y = (X @ true_w > 0).float()
w = torch.zeros(3, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
lr = 0.5
for epoch in range(100):
    z = X @ w + b
    p = torch.sigmoid(z)
    loss = -(y * torch.log(p + 1e-7) + (1 - y) * torch.log(1 - p + 1e-7)).mean()
    loss.backward()
    with torch.no_grad():
        w = w - lr * w.grad  #! w -= lr * w.grad
        b = b - lr * b.grad  #! b -= lr * b.grad
    w.grad = None
    b.grad = None
print(w, b)
